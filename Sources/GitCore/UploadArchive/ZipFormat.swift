/// Writes the records of a zip archive; sizes and offsets beyond 4 GiB go into zip64 fields.
///
/// - Source: PKWARE APPNOTE.TXT 6.3.
struct ZipFormat {
    /// How content is stored.
    enum Method: UInt16 {
        case stored = 0
        case deflated = 8
    }

    /// A member, as far as it is known in front of its content.
    struct Member {
        var entry: ArchiveEntry
        var method: Method
        /// Bytes before compression.
        var size: Int64
        /// Bytes after compression and CRC-32; nil when they follow the content.
        var sums: Sums?
        /// Where the local header starts.
        var offset: Int64

        /// Whether the sizes need eight bytes each, or may turn out to.
        fileprivate var isLarge: Bool { size >= ZipFormat.sizeLimit }
    }

    /// What is known of content once it was compressed.
    struct Sums {
        var crc32: UInt32
        var compressed: Int64
    }

    private let seconds: Int64

    /// Content that deflates badly grows by less than a thousandth; from here on it could pass 4 GiB.
    private static let sizeLimit: Int64 = 0xff00_0000
    private static let wide: UInt32 = .max
    private static let madeByUnix: UInt16 = 3 << 8
    private static let zip64Version: UInt16 = 45
    private static let plainVersion: UInt16 = 20

    init(time: Int64) {
        seconds = max(0, time)
    }

    /// What stands in front of a member's content.
    func localHeader(_ member: Member) -> [UInt8] {
        var record = Record(0x0403_4b50)
        addCommon(member, member.sums, &record)
        var extra = Record()
        if member.isLarge { extra.addZip64([member.sums == nil ? 0 : member.size, member.sums?.compressed ?? 0]) }
        extra.addTime(seconds)
        record.add16(member.entry.path.count)
        record.add16(extra.bytes.count)
        record.bytes += member.entry.path + extra.bytes
        return record.bytes
    }

    /// What follows content whose sums were not known in front of it.
    func dataDescriptor(_ member: Member, _ sums: Sums) -> [UInt8] {
        var record = Record(0x0807_4b50)
        record.add32(sums.crc32)
        for size in [sums.compressed, member.size] {
            if member.isLarge { record.add64(size) } else { record.add32(UInt32(clamping: size)) }
        }
        return record.bytes
    }

    /// The member's record in the directory at the end.
    func directoryRecord(_ member: Member, _ sums: Sums) -> [UInt8] {
        var wides: [Int64] = []
        if member.isLarge { wides += [member.size, sums.compressed] }
        let isFar = member.offset >= Int64(Self.wide)
        if isFar { wides.append(member.offset) }
        var extra = Record()
        if !wides.isEmpty { extra.addZip64(wides) }
        extra.addTime(seconds)
        var record = Record(0x0201_4b50)
        record.add16(Self.madeByUnix | (wides.isEmpty ? Self.plainVersion : Self.zip64Version))
        addCommon(member, sums, &record, isDirectory: true)
        record.add16(member.entry.path.count)
        record.add16(extra.bytes.count)
        record.add16(0)
        record.add16(0)
        record.add16(0)
        record.add32(attributes(of: member.entry))
        record.add32(isFar ? Self.wide : UInt32(clamping: member.offset))
        record.bytes += member.entry.path + extra.bytes
        return record.bytes
    }

    /// What ends the archive.
    ///
    /// - Parameters:
    ///   - count: members.
    ///   - directory: where the directory starts and ends.
    ///   - commit: becomes the archive's comment, as git has it.
    func end(count: Int, directory: Range<Int64>, commit: ObjectID?) -> [UInt8] {
        let size = directory.upperBound - directory.lowerBound
        var record = Record()
        if count >= Int(UInt16.max) || directory.upperBound >= Int64(Self.wide) {
            record.add32(0x0606_4b50)
            record.add64(44)
            record.add16(Self.madeByUnix | Self.zip64Version)
            record.add16(Self.zip64Version)
            record.add32(0)
            record.add32(0)
            for number in [Int64(count), Int64(count), size, directory.lowerBound] { record.add64(number) }
            record.add32(0x0706_4b50)
            record.add32(0)
            record.add64(directory.upperBound)
            record.add32(1)
        }
        record.add32(0x0605_4b50)
        record.add16(0)
        record.add16(0)
        record.add16(min(count, Int(UInt16.max)))
        record.add16(min(count, Int(UInt16.max)))
        record.add32(UInt32(clamping: size))
        record.add32(UInt32(clamping: directory.lowerBound))
        let comment = commit.map { Array($0.hex.utf8) } ?? []
        record.add16(comment.count)
        return record.bytes + comment
    }

    /// The fields that both headers of a member share.
    private func addCommon(_ member: Member, _ sums: Sums?, _ record: inout Record, isDirectory: Bool = false) {
        let isFar = isDirectory && member.offset >= Int64(Self.wide)
        record.add16(member.isLarge || isFar ? Self.zip64Version : Self.plainVersion)
        record.add16((member.sums == nil ? 0x0008 : 0) | (hasUnicodeName(member.entry) ? 0x0800 : 0))
        record.add16(member.method.rawValue)
        let (date, time) = dosTime
        record.add16(time)
        record.add16(date)
        record.add32(sums?.crc32 ?? 0)
        guard !member.isLarge else {
            record.add32(Self.wide)
            return record.add32(Self.wide)
        }
        record.add32(UInt32(clamping: sums?.compressed ?? 0))
        record.add32(sums == nil ? 0 : UInt32(clamping: member.size))
    }

    private func hasUnicodeName(_ entry: ArchiveEntry) -> Bool {
        entry.path.contains { $0 >= 0x80 } && String(validating: entry.path, as: UTF8.self) != nil
    }

    /// The file mode as Unix has it, and DOS's mark of a directory.
    private func attributes(of entry: ArchiveEntry) -> UInt32 {
        switch entry.kind {
        case .directory, .submodule: (FileMode.tree | 0o755) << 16 | 0x10
        case .symlink: (FileMode.symlink | 0o777) << 16
        case .file(let isExecutable): (FileMode.file | (isExecutable ? 0o755 : 0o644)) << 16
        }
    }

    /// Date and time in DOS's form, UTC, within what it can say.
    private var dosTime: (date: UInt16, time: UInt16) {
        let days = seconds / 86_400
        let second = seconds % 86_400
        let (year, month, day) = civil(days)
        guard year >= 1_980 else { return (1 << 5 | 1, 0) }
        guard year <= 2_107 else { return (127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29) }
        let date = (year - 1_980) << 9 | month << 5 | day
        let time = (second / 3_600) << 11 | (second / 60 % 60) << 5 | second % 60 / 2
        return (UInt16(truncatingIfNeeded: date), UInt16(truncatingIfNeeded: time))
    }

    /// The Gregorian date of a day since 1970-01-01.
    private func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Counted from March, so that the leap day is the last of the year.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let ofEra = shifted % 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (year + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Little-endian numbers one after the other.
    private struct Record {
        var bytes: [UInt8] = []

        init() {}

        init(_ signature: UInt32) { add32(signature) }

        mutating func add16(_ number: some BinaryInteger) { add(UInt16(clamping: number)) }

        mutating func add32(_ number: UInt32) { add(number) }

        mutating func add64(_ number: Int64) { add(UInt64(clamping: number)) }

        private mutating func add(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
        }

        /// The extra field of sizes and offsets that do not fit elsewhere.
        mutating func addZip64(_ numbers: [Int64]) {
            add16(0x0001)
            add16(8 * numbers.count)
            for number in numbers { add64(number) }
        }

        /// The extra field with the exact time of the last change; left out when it cannot be said.
        mutating func addTime(_ seconds: Int64) {
            guard let seconds = Int32(exactly: seconds) else { return }
            add16(0x5455)
            add16(5)
            bytes.append(1)
            add(seconds)
        }
    }
}
