/// Where a repository is found: type, namespace and name, each of checked form.
///
/// An address need not lead anywhere. Two addresses that differ in the case of ASCII letters lead to the same place but
/// are not equal here: `folded` is.
package struct RepositoryAddress: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is not an address.
    package enum Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        /// Not two segments after an optional type.
        case shape
        /// The type's segment.
        case unknownType
        case namespace(NameError)
        case name(NameError)

        /// One sentence for the person who wrote it.
        package var description: String {
            switch self {
            case .shape: "A repository is written TYPE/NAMESPACE/NAME."
            case .unknownType: "The type is one of \(RepositoryType.allCases.map(\.rawValue).joined(separator: ", "))."
            case .namespace(let error), .name(let error): error.description
            }
        }
    }

    /// The repository's type.
    package var type: RepositoryType
    /// A user or organisation.
    package var namespace: String
    /// The name within type and namespace.
    package var name: String

    /// An address of parts that are known to be good, such as those in the database.
    package init(type: RepositoryType, namespace: String, name: String) {
        self.type = type
        self.namespace = namespace
        self.name = name
    }

    /// Checks the form of both names.
    ///
    /// Reserved words pass, because nothing can be found there.
    package init(
        type: RepositoryType,
        checkingNamespace namespace: some StringProtocol,
        name: some StringProtocol
    ) throws(Malformed) {
        do throws(NameError) { try NameRules.check(String(namespace)) } catch { throw .namespace(error) }
        do throws(NameError) { try NameRules.check(String(name)) } catch { throw .name(error) }
        self.init(type: type, namespace: String(namespace), name: String(name))
    }

    /// Reads "TYPE/NAMESPACE/NAME"; the type in singular or plural.
    package init(parsing text: some StringProtocol) throws(Malformed) {
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count == 3 else { throw .shape }
        guard let type = RepositoryType(text: segments[0]) else { throw .unknownType }
        try self.init(type: type, checkingNamespace: segments[1], name: segments[2])
    }

    /// Reads "NAMESPACE/NAME", as the hub's clients write the id of a repository of a known type.
    package init(type: RepositoryType, parsing text: some StringProtocol) throws(Malformed) {
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count == 2 else { throw .shape }
        try self.init(type: type, checkingNamespace: segments[0], name: segments[1])
    }

    /// The same address in lower case: equal for addresses that lead to the same place.
    package var folded: RepositoryAddress {
        RepositoryAddress(type: type, namespace: NameRules.fold(namespace), name: NameRules.fold(name))
    }

    /// "NAMESPACE/NAME".
    package var id: String { "\(namespace)/\(name)" }

    /// "model/NAMESPACE/NAME".
    package var description: String { "\(type.rawValue)/\(namespace)/\(name)" }

    /// The path of the repository's page and git address, without leading slash: models have no type segment.
    package var path: String { type == .model ? id : "\(type.pathSegment)/\(id)" }
}
