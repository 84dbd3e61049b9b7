/// Why the content of an object is refused.
///
/// The raw values are git's own fsck message ids where git has one.
///
/// - Source: git-fsck(1) "FSCK MESSAGES".
package enum ObjectError: String, Error, Sendable, CaseIterable {
    // Commits and tags.
    case nulInHeader, unterminatedHeader
    case missingTree, badTreeSha1, badParentSha1
    case missingAuthor, multipleAuthors, missingCommitter
    case missingNameBeforeEmail, badName, missingEmail, missingSpaceBeforeEmail, badEmail
    case missingSpaceBeforeDate, zeroPaddedDate, badDate, badDateOverflow, badTimezone
    case missingObject, badObjectSha1, missingTypeEntry, missingType, badType, missingTagEntry, missingTag
    case tooManyParents, messageTooLarge
    // Trees.
    case badTree, badFilemode, emptyName, fullPathname, nameTooLong, tooManyEntries
    case hasDot, hasDotdot, hasDotgit
    case treeNotSorted, duplicateEntries
    case gitmodulesSymlink, gitmodulesBlob, gitattributesBlob
    // Blobs with a meaning.
    case gitmodulesLarge, gitmodulesName, gitmodulesUrl, gitmodulesPath, gitmodulesUpdate
    case gitattributesLarge, gitattributesLineLength

    /// One line for the client: git's message id and a sentence.
    package var message: String { "\(rawValue): \(sentence)" }

    private var sentence: String {
        headerSentence ?? treeSentence ?? blobSentence
    }

    private var headerSentence: String? {
        switch self {
        case .nulInHeader: "a NUL byte in the header"
        case .unterminatedHeader: "the header has no end of line"
        case .missingTree: "no tree line where one is due"
        case .badTreeSha1: "the tree line holds no object id"
        case .badParentSha1: "a parent line holds no object id"
        case .missingAuthor: "no author line where one is due"
        case .multipleAuthors: "more than one author line"
        case .missingCommitter: "no committer line where one is due"
        case .missingNameBeforeEmail: "no name before the e-mail address"
        case .badName: "the name contains '>'"
        case .missingEmail: "no e-mail address"
        case .missingSpaceBeforeEmail: "no space before the e-mail address"
        case .badEmail: "the e-mail address is not closed by '>'"
        case .missingSpaceBeforeDate: "no space before the date"
        case .zeroPaddedDate: "the date starts with a zero"
        case .badDate: "the date is not a number"
        case .badDateOverflow: "the date is out of range"
        case .badTimezone: "the time zone is not a sign and four digits"
        case .missingObject: "no object line where one is due"
        case .badObjectSha1: "the object line holds no object id"
        case .missingTypeEntry: "no type line where one is due"
        case .missingType: "the type line has no end"
        case .badType: "the type is none of commit, tree, blob and tag"
        case .missingTagEntry: "no tag line where one is due"
        case .missingTag: "the tag line has no end"
        case .tooManyParents: "more parents than this server accepts"
        case .messageTooLarge: "the message is longer than this server accepts"
        default: nil
        }
    }

    private var treeSentence: String? {
        switch self {
        case .badTree: "the tree cannot be parsed"
        case .badFilemode: "an entry has a mode that git does not write"
        case .emptyName: "an entry has an empty name"
        case .fullPathname: "an entry's name contains '/'"
        case .nameTooLong: "an entry's name is longer than this server accepts"
        case .tooManyEntries: "more entries than this server accepts"
        case .hasDot: "an entry is called '.'"
        case .hasDotdot: "an entry is called '..'"
        case .hasDotgit: "an entry's name means '.git' on some file system"
        case .treeNotSorted: "the entries are not sorted"
        case .duplicateEntries: "two entries have one name"
        case .gitmodulesSymlink: ".gitmodules is a symbolic link"
        case .gitmodulesBlob: ".gitmodules is not a file"
        case .gitattributesBlob: ".gitattributes is not a file"
        default: nil
        }
    }

    private var blobSentence: String {
        switch self {
        case .gitmodulesLarge: ".gitmodules is larger than this server accepts"
        case .gitmodulesName: "a submodule's name is empty or contains '..'"
        case .gitmodulesUrl: "a submodule's url starts with '-', hides a newline or leaves its host"
        case .gitmodulesPath: "a submodule's path starts with '-'"
        case .gitmodulesUpdate: "a submodule's update setting runs a command"
        case .gitattributesLarge: ".gitattributes is larger than this server accepts"
        case .gitattributesLineLength: "a line of .gitattributes is too long"
        default: "refused"
        }
    }
}
