import Access
import Testing

@Suite struct RepositoryAddressTests {
    @Test(arguments: [
        ("model/ada/tiny", RepositoryType.model, "ada/tiny"),
        ("models/ada/tiny", .model, "ada/tiny"),
        ("dataset/acme/Squad", .dataset, "datasets/acme/Squad"),
        ("mcpserver/acme/x", .mcp, "mcpservers/acme/x"),
        ("codes/api/x", .code, "codes/api/x"),
    ])
    func readsTypeNamespaceAndName(text: String, type: RepositoryType, path: String) throws {
        let address = try RepositoryAddress(parsing: text)
        #expect(address.type == type)
        #expect(address.path == path)
        #expect(try RepositoryAddress(parsing: address.description) == address)
        #expect(try RepositoryAddress(type: type, parsing: address.id) == address)
    }

    @Test(arguments: [
        ("", RepositoryAddress.Malformed.shape),
        ("ada/tiny", .shape),
        ("model/ada/tiny/x", .shape),
        ("model/ada/tiny/", .shape),
        ("thing/ada/tiny", .unknownType),
        ("Model/ada/tiny", .unknownType),
        ("model//tiny", .namespace(.empty)),
        ("model/../tiny", .namespace(.doubled(".."))),
        ("model/ada/-x", .name(.badEdge("-"))),
        ("model/ada/tiny.git", .name(.forbiddenSuffix(".git"))),
    ])
    func refusesEverythingElse(text: String, error: RepositoryAddress.Malformed) {
        #expect(throws: error) { try RepositoryAddress(parsing: text) }
    }

    @Test func leadsToOnePlaceInEveryCase() throws {
        let address = try RepositoryAddress(parsing: "model/Ada/Tiny")
        #expect(address != RepositoryAddress(type: .model, namespace: "ada", name: "tiny"))
        #expect(address.folded == RepositoryAddress(type: .model, namespace: "ada", name: "tiny"))
    }

    @Test(arguments: RepositoryType.allCases)
    func readsBothNamesOfATypeAndItsSegment(type: RepositoryType) {
        #expect(RepositoryType(text: type.rawValue) == type)
        #expect(RepositoryType(text: type.pathSegment) == type)
        #expect(RepositoryType(pathSegment: type.pathSegment) == type)
        #expect(RepositoryType(pathSegment: type.rawValue) == nil)
    }
}
