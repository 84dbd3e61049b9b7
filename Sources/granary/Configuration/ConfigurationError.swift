/// Why a configuration cannot be used.
///
/// Every problem found is reported, not only the first: an installation is corrected in one go.
struct ConfigurationError: Error, CustomStringConvertible {
    /// One sentence per problem; never empty.
    let problems: [String]

    /// One problem.
    init(_ problem: String) { problems = [problem] }

    /// Several.
    init(_ problems: [String]) { self.problems = problems }

    /// All problems, one a line.
    var description: String { problems.joined(separator: "\n") }

    /// The sentence for a key that does not exist.
    ///
    /// - Parameters:
    ///   - key: as written.
    ///   - value: as written.
    ///   - place: where it stands, for instance "in granary.yaml".
    ///   - known: all names that could have stood there.
    static func unknownKey(_ key: String, value: String, place: String, known: [String]) -> String {
        let advice =
            NearestName.to(key, among: known).map { "did you mean `\($0)`?" } ?? "`granary config` lists every key"
        let shown = isSecretive(key) ? "not shown" : "value `\(Printable.text(value))`"
        return "unknown key `\(Printable.text(key))` \(place) (\(shown)); \(advice)"
    }

    /// Whether a name that is not known could be a misspelt one of a secret, which must not get into a log.
    private static func isSecretive(_ key: String) -> Bool {
        let key = key.lowercased()
        return ["secret", "token", "password", "access"].contains { key.contains($0) }
    }

    /// The sentence for a secret given as an argument, where everybody on the machine can read it.
    static func notOnTheCommandLine(_ key: KeyDeclaration) -> String {
        "`\(key.name)` is a secret and cannot be given on the command line; use \(key.environmentName) or the file"
    }

    /// The sentence for a value that a key does not take.
    static func invalidValue(_ value: String, of key: KeyDeclaration, place: String) -> String {
        let shown = key.isSecret ? "(secret)" : "`\(Printable.text(value))`"
        return "invalid value \(shown) for `\(key.name)` \(place); accepts \(key.accepts)"
    }
}
