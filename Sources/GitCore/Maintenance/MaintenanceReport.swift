/// What one run of maintenance found and did.
package struct MaintenanceReport: Sendable, Equatable {
    /// Packs before and after, those that wait for removal not counted.
    package var packsBefore = 0
    package var packsAfter = 0
    /// Packs that were joined, and the objects and bytes of what they became.
    package var packsJoined = 0
    package var objectsWritten = 0
    package var bytesWritten: Int64 = 0
    /// Commits that got a bitmap; 0 when the bitmaps were left as they were.
    package var commitsWithBitmap = 0
    /// Commits in a new commit-graph; 0 when that was left as it was.
    package var commitsInGraph = 0
    /// Objects that nothing leads to, which were put aside to wait for the end of their grace.
    package var objectsPutAside = 0
    /// Objects that nothing has led to for the whole grace, and that are gone now.
    package var objectsDropped = 0
    /// Whether everything that is stored is reachable now.
    package var isEverythingReachable = false
    /// Packs whose last readers are gone, and that were removed.
    package var packsRemoved = 0
    /// Packs that were joined before and wait for their last readers.
    package var packsWaiting = 0

    package init() {}

    /// Whether the run has changed anything.
    package var hasChangedAnything: Bool {
        packsJoined > 0 || commitsWithBitmap > 0 || commitsInGraph > 0 || packsRemoved > 0
    }
}

/// How maintenance goes about its work.
package struct MaintenanceOptions: Sendable {
    /// All packs become one, and what nothing leads to is put aside or dropped.
    package var isFull = false
    /// Nanoseconds for which objects that nothing leads to are kept.
    package var grace: Int64 = 14 * 86_400 * 1_000_000_000
    /// Nanoseconds for which packs that were joined are kept for those who still read them.
    package var retirement: Int64 = 2 * 3_600 * 1_000_000_000
    /// So many packs are no reason to join any.
    package var fewPacks = GeometricPlan.fewPacks
    /// Packs of fewer objects are not worth bitmaps.
    package var fewObjects = 500

    package init() {}
}
