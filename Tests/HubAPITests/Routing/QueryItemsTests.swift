import HubAPI
import Testing

@Suite struct QueryItemsTests {
    @Test(arguments: [
        ("service=git-upload-pack", "service", "git-upload-pack"),
        ("a=1&service=x", "service", "x"),
        ("a=1&a=2", "a", "1"),
        ("a=x%20y+z", "a", "x y z"),
        ("a==", "a", "="),
        ("a", "a", ""),
        ("b=1", "a", nil),
        ("", "a", nil),
        ("a=%zz", "a", nil),
        ("a=%ff", "a", nil),
    ])
    func findsTheFirstItem(query: String, name: String, value: String?) {
        #expect(QueryItems(query).first(name) == value)
    }
}
