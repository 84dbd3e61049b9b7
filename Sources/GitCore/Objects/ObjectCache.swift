/// Recently read objects, so that the bases of deltas need not be rebuilt for each delta on them.
///
/// Bounded in bytes; the oldest entry leaves first. Belongs to one thread at a time.
struct ObjectCache {
    private var objects: [ObjectLocation: GitObject] = [:]
    private var arrivals: [ObjectLocation] = []
    private var oldest = 0
    private var bytes = 0
    private let limit: Int

    /// What an entry costs beside its content.
    private static let overhead = 128

    init(limit: Int) {
        self.limit = limit
    }

    subscript(location: ObjectLocation) -> GitObject? { objects[location] }

    /// Remembers an object; one larger than a quarter of the limit would only push out the others.
    mutating func insert(_ object: GitObject, at location: ObjectLocation) {
        let cost = object.bytes.count + Self.overhead
        guard cost <= limit / 4, objects.updateValue(object, forKey: location) == nil else { return }
        arrivals.append(location)
        bytes += cost
        while bytes > limit, oldest < arrivals.count {
            if let old = objects.removeValue(forKey: arrivals[oldest]) { bytes -= old.bytes.count + Self.overhead }
            oldest += 1
        }
        if oldest > 4_096, oldest > arrivals.count / 2 {
            arrivals.removeFirst(oldest)
            oldest = 0
        }
    }
}
