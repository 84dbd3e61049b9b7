import Access
import ArgumentParser
import HubCore
import Metadata

/// Reading of arguments that are more than a word.
///
/// What these throw, the parser prints beside the argument's name.
enum Arguments {
    /// Why an argument is refused.
    struct Refusal: Error, CustomStringConvertible {
        /// One sentence.
        let description: String
    }

    /// `TYPE/NS/NAME`, or `NS/NAME` for a model.
    static func repository(_ text: String) throws -> RepositoryAddress {
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        return try segments.count == 2
            ? RepositoryAddress(type: .model, parsing: text) : RepositoryAddress(parsing: text)
    }

    /// `read`, `write` or `admin`.
    static func role(_ text: String) throws -> Role {
        guard let role = Role(rawValue: text) else { throw Refusal(description: "A role is read, write or admin.") }
        return role
    }

    /// `read` or `write`: what a key may do that is nobody's.
    static func keyRole(_ text: String) throws -> Role {
        guard let role = Role(rawValue: text), role != .admin else {
            throw Refusal(description: "The role of a key is read or write.")
        }
        return role
    }

    /// `read`, `write`, `admin`, or `none`, which takes a role away.
    static func roleOrNone(_ text: String) throws -> RoleOrNone {
        guard text != "none" else { return RoleOrNone(role: nil) }
        guard let role = Role(rawValue: text) else {
            throw Refusal(description: "A role is read, write, admin or none.")
        }
        return RoleOrNone(role: role)
    }

    /// `PLACE=VERB,VERB`: what a fine-grained token may do somewhere.
    static func permission(_ text: String) throws -> TokenPermissionList.Entry {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Refusal(description: "A permission is PLACE=VERB, such as acme=read.") }
        let verbs = try parts[1].split(separator: ",").map { word in
            guard let verb = TokenVerb(rawValue: String(word)) else {
                let verbs = TokenVerb.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(description: "A verb is one of \(verbs).")
            }
            return verb
        }
        guard !verbs.isEmpty else { throw Refusal(description: "A permission needs a verb.") }
        do {
            return TokenPermissionList.Entry(place: try TokenPlace(parsing: String(parts[0])), verbs: verbs)
        } catch {
            throw Refusal(description: error.message)
        }
    }

    /// `enforce`, `warn` or `off`.
    static func pointerRule(_ text: String) throws -> LFSPointerRule {
        guard let rule = LFSPointerRule(rawValue: text) else {
            throw Refusal(description: "The rule is enforce, warn or off.")
        }
        return rule
    }

    /// A repository type, in singular or plural.
    static func repositoryType(_ text: String) throws -> RepositoryType {
        guard let type = RepositoryType(text: text) else {
            let types = RepositoryType.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(description: "A type is one of \(types).")
        }
        return type
    }

    /// A span of time such as `30d`, `12h` or `90m`, in seconds; from one minute to ten years.
    static func duration(_ text: String) throws -> Int64 {
        let units: [Character: Int64] = ["m": 60, "h": 3_600, "d": 86_400]
        let digits = text.dropLast()
        guard let unit = text.last.flatMap({ units[$0] }), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(digits)
        else { throw Refusal(description: "A duration is a number and m, h or d: 90m, 12h, 30d.") }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, (60...315_360_000).contains(seconds) else {
            throw Refusal(description: "A duration is at least one minute and at most 3650 days.")
        }
        return seconds
    }
}

/// A role, or the wish to have none.
struct RoleOrNone: Sendable {
    /// nil takes the role away.
    let role: Role?
}
