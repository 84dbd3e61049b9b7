import Logging
import Metadata

/// One event on its way to becoming a line.
///
/// Whatever it holds, the result is exactly one line of bounded length.
struct LogLine {
    /// When it happened.
    let time: Timestamp
    /// The event; its metadata is already part of `metadata`.
    let event: LogEvent
    /// All metadata.
    let metadata: Logger.Metadata

    /// Longest value, in characters.
    static let maximumValueLength = 2_048
    /// Most entries of metadata.
    static let maximumEntries = 32

    /// The line with its newline.
    func text(as format: LogFormat) -> String {
        switch format {
        case .text: text
        case .json: json
        }
    }

    private var entries: [(key: String, value: String)] {
        var entries = metadata.map { (key: $0.key, value: Self.text(of: $0.value)) }
        entries.sort { $0.key < $1.key }
        return Array(entries.prefix(Self.maximumEntries))
    }

    private static func text(of value: Logger.MetadataValue) -> String {
        if case .string(let text) = value { return text }
        return "\(value)"
    }

    private var text: String {
        var line = ""
        line.reserveCapacity(512)
        line += time.description
        line += " "
        line += event.level.rawValue
        line += " "
        line += Printable.text("\(event.message)", limit: Self.maximumValueLength)
        for entry in entries {
            line += " "
            line += Printable.text(entry.key)
            line += "="
            Self.append(entry.value, to: &line)
        }
        line += "\n"
        return line
    }

    /// Appends a value, in quotes when it would not read as one word.
    private static func append(_ value: String, to line: inout String) {
        let shown = Printable.text(value, limit: maximumValueLength)
        let isWord = !shown.isEmpty && shown.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") }
        guard !isWord else {
            line += shown
            return
        }
        line += "\""
        for character in shown {
            if character == "\"" { line += "\\" }
            line.append(character)
        }
        line += "\""
    }

    private var json: String {
        var line = "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\""
        line += ",\"message\":\(Self.jsonString("\(event.message)"))"
        let own: Set<String> = ["time", "level", "message"]
        for entry in entries {
            // The three fixed keys cannot be forged by metadata of the same name.
            let key = own.contains(entry.key) ? "metadata.\(entry.key)" : entry.key
            line += ",\(Self.jsonString(key)):\(Self.jsonString(entry.value))"
        }
        return line + "}\n"
    }

    private static func jsonString(_ value: String) -> String {
        var result = "\""
        for scalar in value.unicodeScalars.prefix(maximumValueLength) {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default:
                guard scalar.value >= 0x20, !(0x7f..<0xa0).contains(scalar.value) else {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                    continue
                }
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
