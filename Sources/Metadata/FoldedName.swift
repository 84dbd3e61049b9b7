/// The key under which a name is unique without regard to case: ASCII letters in lower case, other bytes as they are.
///
/// Names of namespaces and repositories are ASCII once `Access` has accepted them; text that is not simply finds nothing.
package func foldedName(_ name: String) -> String {
    String(
        decoding: name.utf8.map { byte in UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte },
        as: UTF8.self
    )
}
