/// The two services of git's protocols, named as clients name them.
package enum GitService: String, Sendable, CaseIterable {
    case uploadPack = "git-upload-pack"
    case receivePack = "git-receive-pack"
}
