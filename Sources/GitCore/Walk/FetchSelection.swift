/// Selects the objects of a fetch in whichever way is the cheapest for it.
///
/// Everything when everything is wanted; by bitmaps when much is; by walking from commit to commit when little is,
/// or what is wanted cannot be told by types.
package final class FetchSelection: ObjectSelecting {
    private let request: ObjectSelection.Request
    private let reader: ObjectReader
    private var current: any ObjectSelecting
    /// Bitmaps that were found damaged are not tried again.
    private var mayUseBitmaps = true

    private let fewCommits: Int

    /// - Parameters:
    ///   - isWhole: whether the request asks for everything that is stored.
    ///   - fewCommits: a client that lacks more commits than this is served by bitmaps.
    package init(_ request: ObjectSelection.Request, reader: ObjectReader, isWhole: Bool, fewCommits: Int) throws {
        self.fewCommits = fewCommits
        self.request = request
        self.reader = reader
        if isWhole {
            current = WholeSelection(request, reader: reader)
        } else if request.haves.isEmpty, let selection = try BitmapSelection.make(request, reader: reader) {
            current = selection
        } else {
            current = ObjectSelection(request, reader: reader, table: CommitTable(reader))
        }
    }

    package var count: Int { current.count }

    package func advance(_ count: Int) throws -> Bool {
        if let walk = current as? ObjectSelection, walk.lackedCommits > fewCommits, mayUseBitmaps,
            let selection = try BitmapSelection.make(request, reader: reader)
        {
            current = selection
        }
        do {
            return try current.advance(count)
        } catch is ReachabilityError where current is BitmapSelection {
            // A damaged file that only makes answers cheaper is no reason not to answer.
            mayUseBitmaps = false
            current = ObjectSelection(request, reader: reader, table: CommitTable(reader))
            return true
        }
    }

    package func contents() throws -> PackContents { try current.contents() }
}
