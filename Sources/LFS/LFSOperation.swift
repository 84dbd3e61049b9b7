/// What a client wants of a repository's objects: the word of the batch API and of the two SSH commands.
package enum LFSOperation: String, Sendable, CaseIterable {
    case upload, download
}
