/// What was seen in objects of an incoming pack when they were named and checked.
struct ObjectFindings {
    /// What they refer to.
    private(set) var links = LinkSet()
    private(set) var special = SpecialBlobs()
    /// Which blobs somebody wants to see.
    var probe: BlobProbe?
    /// Blobs that the probe matches.
    private(set) var probed: [ObjectID] = []

    /// Nothing.
    init(probe: BlobProbe? = nil) { self.probe = probe }

    /// Names and checks an object that is in memory, and notes what it refers to.
    mutating func admit(
        _ bytes: UnsafeRawBufferPointer,
        _ type: ObjectType,
        _ limits: GitLimits
    ) throws -> ObjectID {
        let oid = try ObjectHasher.id(of: bytes, type: type)
        do throws(ObjectError) {
            try ObjectChecker.check(bytes, type: type, limits: limits, links: &links, special: &special)
        } catch {
            throw PackRefusal.object(oid, type, error)
        }
        if type == .blob, let probe, probe.matches(bytes) { probed.append(oid) }
        return oid
    }

    /// Adds what was seen in other objects.
    mutating func merge(_ other: ObjectFindings) {
        links.merge(other.links)
        special.gitmodules += other.special.gitmodules
        special.gitattributes += other.special.gitattributes
        probed += other.probed
    }
}
