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
        metadata.sorted { $0.key < $1.key }.prefix(Self.maximumEntries).map { ($0.key, "\($0.value)") }
    }

    private var text: String {
        var line = "\(time) \(event.level.rawValue) "
        line += Printable.text("\(event.message)", limit: Self.maximumValueLength)
        for entry in entries {
            line += " \(Printable.text(entry.key))=\(Self.quoted(entry.value))"
        }
        return line + "\n"
    }

    /// Quotes a value that would not read as one word.
    private static func quoted(_ value: String) -> String {
        let shown = Printable.text(value, limit: maximumValueLength)
        let isWord = !shown.isEmpty && shown.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") }
        guard !isWord else { return shown }
        var result = "\""
        for character in shown {
            if character == "\"" { result += "\\" }
            result.append(character)
        }
        return result + "\""
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
