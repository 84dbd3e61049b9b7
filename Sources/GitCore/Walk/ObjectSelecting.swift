/// Finds out in steps which objects go into a pack, so that the caller can report progress, keep the connection alive and
/// stop in between.
///
/// Belongs to one thread at a time.
package protocol ObjectSelecting: AnyObject {
    /// How many objects are selected so far.
    var count: Int { get }

    /// Does up to `count` small steps; false when the selection is complete.
    func advance(_ count: Int) throws -> Bool

    /// What was selected; valid once `advance` has answered false.
    func contents() throws -> PackContents
}
