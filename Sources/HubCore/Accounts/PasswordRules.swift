/// What a password must be to be taken as a new one.
enum PasswordRules {
    /// Fewer characters can be guessed; the number is that of NIST SP 800-63B.
    static let minimumCharacters = 8
    /// More bytes are not looked at, right or wrong.
    static let maximumBytes = 1024

    /// - Throws: `HubError.invalid` with the rule that is broken.
    static func check(_ password: String) throws(HubError) {
        guard password.unicodeScalars.count >= minimumCharacters else {
            throw .invalid("A password needs at least \(minimumCharacters) characters.")
        }
        guard password.utf8.count <= maximumBytes else {
            throw .invalid("A password has at most \(maximumBytes) bytes.")
        }
        guard PlainToken(reading: password) == nil else {
            throw .invalid("A password cannot look like a token.")
        }
    }
}

/// What names that people give to tokens, keys and themselves must be: something to read, on one line.
enum LabelRules {
    static let maximumBytes = 255

    /// - Parameter what: the beginning of the sentence, such as "A token's name".
    /// - Throws: `HubError.invalid` with the rule that is broken.
    static func check(_ text: String, _ what: String) throws(HubError) {
        guard !text.isEmpty else { throw .invalid("\(what) cannot be empty.") }
        guard text.utf8.count <= maximumBytes else { throw .invalid("\(what) has at most \(maximumBytes) bytes.") }
        guard text.unicodeScalars.allSatisfy(isPrintable) else {
            throw .invalid("\(what) cannot contain control characters.")
        }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}
