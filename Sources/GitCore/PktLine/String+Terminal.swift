extension String {
    /// The text without control characters: C0 except LF, DEL, and C1, a tab becomes a space.
    ///
    /// Whatever a client or a repository contributes to a message (ref names, options, reasons) may hold escape sequences
    /// that git prints as they are.
    package var sanitizedForTerminal: String {
        guard unicodeScalars.contains(where: { isControl($0) && $0 != "\n" }) else { return self }
        var kept = UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar == "\t" {
                kept.append(" ")
            } else if !isControl(scalar) || scalar == "\n" {
                kept.append(scalar)
            }
        }
        return String(kept)
    }

    /// The sanitized text on one line: LF becomes a space, and what exceeds `limit` UTF-8 bytes is cut at a scalar.
    package func singleLine(limit: Int) -> String {
        var kept = UnicodeScalarView()
        var count = 0
        for scalar in unicodeScalars {
            let visible: Unicode.Scalar = scalar == "\n" || scalar == "\t" ? " " : scalar
            guard !isControl(visible) else { continue }
            count += UTF8.width(visible)
            guard count <= limit else { break }
            kept.append(visible)
        }
        return String(kept)
    }
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
}
