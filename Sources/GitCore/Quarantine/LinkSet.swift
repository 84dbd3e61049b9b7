/// What the objects of an incoming pack refer to, each target once, with the types that are expected of it.
///
/// About 40 bytes for each distinct target.
package struct LinkSet: LinkSink {
    /// A bit for each expected type, numbered as the types are.
    private var expectations: [ObjectID: UInt8] = [:]

    package init() {}

    /// Notes that something refers to `oid` as a `type`.
    package mutating func link(to oid: ObjectID, expecting type: ObjectType) {
        expectations[oid, default: 0] |= 1 << type.rawValue
    }

    /// Notes all that another set has.
    mutating func merge(_ other: LinkSet) {
        expectations.merge(other.expectations) { $0 | $1 }
    }

    /// How many distinct targets there are.
    package var count: Int { expectations.count }

    /// True when something refers to `oid`.
    package func contains(_ oid: ObjectID) -> Bool { expectations[oid] != nil }

    /// Hands each target and each type expected of it on.
    package func forEach(_ body: (ObjectID, ObjectType) throws -> Void) rethrows {
        for (oid, types) in expectations {
            for type in ObjectType.allCases where types & 1 << type.rawValue != 0 { try body(oid, type) }
        }
    }
}
