import GitCore
import HTTPTypes
import NIOCore

/// Lines of JSON whose contents of files may be of any size: splits a body into lines, and takes the string
/// `value.content` of each out of it while it arrives.
///
/// What is left of a line is small and JSON again, with an empty string in the content's place. The content, with its
/// escapes resolved, is in a spool.
///
/// - Source: hf-api, "POST /api/{T}/{id}/commit/{rev}"; RFC 8259 section 7.
struct ContentLines {
    /// A line without its content.
    struct Line {
        var json: [UInt8] = []
        var content: Spool?
        /// The content's last bytes, which tell how long it is once it is decoded.
        var end: [UInt8] = []
    }

    private enum State {
        case outside
        case string
        case escape
        case content
        case contentEscape
        /// Hexadecimal digits of an escape that are still to come.
        case contentUnit(left: Int)
    }

    private let makeSpool: () -> Spool
    private var line = Line()
    private var state = State.outside
    private var depth = 0
    /// Where the string under way, or the last one, begins behind its quote.
    private var stringStart = 0
    private var isValue = false
    private var isContentNext = false
    private var unit: UInt32 = 0
    private var leadSurrogate: UInt32?

    /// Bytes of a line without its content.
    private static let largestLine = 64 << 10

    init(spool: @escaping () -> Spool) {
        makeSpool = spool
    }

    /// Takes the next bytes of the body, and gives the lines that are complete.
    ///
    /// - Throws: 413 for a line that is too long without its content, 400 for an escape that JSON does not know.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, _ body: (Line) throws -> Void) throws {
        var position = 0
        while position < bytes.count {
            if case .content = state {
                position = try takeContent(bytes, from: position)
                continue
            }
            let byte = bytes[position]
            position += 1
            switch state {
            case .contentEscape: try unescape(byte)
            case .contentUnit(let left): try takeDigit(byte, left: left)
            default: if try takeOther(byte) { try emit(body) }
            }
        }
    }

    /// Says that the body is at its end; the last line needs no newline.
    mutating func finish(_ body: (Line) throws -> Void) throws {
        guard case .outside = state else { throw HTTPFailure(.badRequest, "The request body is cut off.") }
        try emit(body)
    }

    private mutating func emit(_ body: (Line) throws -> Void) throws {
        let done = line
        line = Line()
        (depth, isValue, isContentNext, stringStart) = (0, false, false, 0)
        let isBlank = done.json.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == 9 }
        if !isBlank { try body(done) }
    }

    /// Takes a byte that is no content; true when it ends the line.
    private mutating func takeOther(_ byte: UInt8) throws -> Bool {
        if byte == UInt8(ascii: "\n") {
            state = .outside
            return true
        }
        guard line.json.count < Self.largestLine else {
            throw HTTPFailure(.contentTooLarge, "A line of the request body is too long.")
        }
        line.json.append(byte)
        switch (state, byte) {
        case (.string, UInt8(ascii: "\\")): state = .escape
        case (.string, UInt8(ascii: "\"")): state = .outside
        case (.escape, _): state = .string
        case (.outside, UInt8(ascii: "\"")): try beginString()
        case (.outside, UInt8(ascii: ":")): noteName()
        case (.outside, UInt8(ascii: ",")): (isValue, isContentNext) = (false, false)
        case (.outside, UInt8(ascii: "{")), (.outside, UInt8(ascii: "[")):
            depth += 1
            (isValue, isContentNext) = (false, false)
        case (.outside, UInt8(ascii: "}")), (.outside, UInt8(ascii: "]")): depth -= 1
        default: break
        }
        return false
    }

    private mutating func beginString() throws {
        stringStart = line.json.count
        guard isValue, isContentNext, depth == 2 else { return state = .string }
        guard line.content == nil else { throw HTTPFailure(.badRequest, "A line has two contents.") }
        line.content = makeSpool()
        state = .content
    }

    private mutating func noteName() {
        let name = line.json[min(stringStart, line.json.count)...].prefix { $0 != UInt8(ascii: "\"") }
        isContentNext = name.elementsEqual("content".utf8)
        isValue = true
    }

    // MARK: - Content

    private mutating func takeContent(_ bytes: UnsafeRawBufferPointer, from start: Int) throws -> Int {
        let rest = bytes[start...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 < 0x20 } ?? bytes.count
        try append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        guard end < bytes.count else { return end }
        switch bytes[end] {
        case UInt8(ascii: "\\"): state = .contentEscape
        case UInt8(ascii: "\""):
            guard leadSurrogate == nil else { throw Self.badEscape }
            line.json.append(UInt8(ascii: "\""))
            state = .outside
        default: throw HTTPFailure(.badRequest, "A content has a control character that is not escaped.")
        }
        return end + 1
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard !bytes.isEmpty else { return }
        guard leadSurrogate == nil else { throw Self.badEscape }
        try line.content?.append(bytes)
        line.end = (line.end + bytes.suffix(2)).suffix(2)
    }

    private mutating func append(_ scalar: Unicode.Scalar) throws {
        try Array(String(Character(scalar)).utf8).withUnsafeBytes { try append($0) }
    }

    private mutating func unescape(_ byte: UInt8) throws {
        state = .content
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): try append(Unicode.Scalar(byte))
        case UInt8(ascii: "b"): try append("\u{8}")
        case UInt8(ascii: "f"): try append("\u{c}")
        case UInt8(ascii: "n"): try append("\n")
        case UInt8(ascii: "r"): try append("\r")
        case UInt8(ascii: "t"): try append("\t")
        case UInt8(ascii: "u"): (state, unit) = (.contentUnit(left: 4), 0)
        default: throw Self.badEscape
        }
    }

    private mutating func takeDigit(_ byte: UInt8, left: Int) throws {
        guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw Self.badEscape }
        unit = unit << 4 | UInt32(digit)
        guard left == 1 else { return state = .contentUnit(left: left - 1) }
        state = .content
        if let lead = leadSurrogate {
            guard (0xdc00..<0xe000).contains(unit) else { throw Self.badEscape }
            leadSurrogate = nil
            guard let scalar = Unicode.Scalar(0x10000 + (lead - 0xd800) << 10 + (unit - 0xdc00)) else {
                throw Self.badEscape
            }
            return try append(scalar)
        }
        if (0xd800..<0xdc00).contains(unit) {
            leadSurrogate = unit
            return
        }
        guard let scalar = Unicode.Scalar(unit) else { throw Self.badEscape }
        try append(scalar)
    }

    private static let badEscape = HTTPFailure(.badRequest, "A content has an escape that JSON does not know.")
}
