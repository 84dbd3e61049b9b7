/// Why an incoming pack is refused.
package enum PackRefusal: Error, Sendable {
    /// Not a pack, damaged or cut off; the text says what.
    case malformed(String)
    /// More than the server accepts; the text says of what.
    case limit(String)
    /// An object that git's own checks refuse. The id is missing where it is not known yet.
    case object(ObjectID?, ObjectType, ObjectError)
    /// A delta whose base is neither in the pack nor in the repository.
    case missingBase(ObjectID)
    /// An object that something in the pack refers to is nowhere, or is of another type.
    case missingLink(ObjectID, ObjectType)

    /// One line for the client.
    package var message: String {
        switch self {
        case .malformed(let text): text
        case .limit(let text): text
        case .object(let oid?, let type, let error): "\(type.name) \(oid): \(error.message)"
        case .object(nil, let type, let error): "\(type.name): \(error.message)"
        case .missingBase(let oid): "delta base \(oid) is missing"
        case .missingLink(let oid, let type): "\(type.name) \(oid) is missing"
        }
    }
}
