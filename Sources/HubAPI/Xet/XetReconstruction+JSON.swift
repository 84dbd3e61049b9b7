package import HubCore
import JSON
package import NIOCore
import Xet

extension XetReconstruction {
    /// The answer to a query for a reconstruction.
    ///
    /// Written at once, not as a tree of values: a large file has a hundred thousand terms.
    /// - Parameters:
    ///   - version: 1, or 2, which groups what is fetched by URL.
    ///   - base: the address of the storage, without a slash at its end.
    /// - Source: Xet protocol specification, "File reconstruction".
    package func json(version: Int, base: String) -> ByteBuffer {
        var text = ByteBuffer()
        text.reserveCapacity(160 * plan.terms.count + 512 * fetches.count + 64)
        text.writeString("{\"offset_into_first_range\":\(plan.offsetIntoFirstRange),\"terms\":[")
        text.write(plan.terms)
        text.writeString(version == 1 ? "],\"fetch_info\":{" : "],\"xorbs\":{")
        writeFetches(to: &text, version, base)
        text.writeStaticString("}}")
        return text
    }

    /// What is fetched, by xorb.
    fileprivate func writeFetches(to text: inout ByteBuffer, _ version: Int, _ base: String) {
        text.write(byXorb) { text, fetches in
            text.writeString("\"\(fetches[0].xorb)\":[")
            text.write(fetches) { text, fetch in
                if version == 1 { text.writeEntries(of: fetch, base) } else { text.writeEntry(of: fetch, base) }
            }
            text.writeStaticString("]")
        }
    }

    /// What is fetched, one list for each xorb, which may have several links; they lie side by side.
    private var byXorb: [[Fetch]] {
        var groups: [[Fetch]] = []
        for fetch in fetches {
            if groups.last?.last?.xorb == fetch.xorb {
                groups[groups.count - 1].append(fetch)
            } else {
                groups.append([fetch])
            }
        }
        return groups
    }
}

extension XetBatch {
    /// The answer to a query for several files, in the shapes of version 1.
    package func json(base: String) -> ByteBuffer {
        var text = ByteBuffer()
        text.writeStaticString("{\"files\":{")
        text.write(files) { text, file in
            text.writeString("\"\(file.hash)\":[")
            text.write(Array(reconstruction.plan.terms[file.terms]))
            text.writeStaticString("]")
        }
        text.writeStaticString("},\"fetch_info\":{")
        reconstruction.writeFetches(to: &text, 1, base)
        text.writeStaticString("}}")
        return text
    }
}

extension ByteBuffer {
    fileprivate mutating func write(_ terms: [ReconstructionPlan.Term]) {
        write(terms) { text, term in
            text.writeString("{\"hash\":\"\(term.xorb)\",\"unpacked_length\":\(term.rawLength),\"range\":")
            text.write(term.chunks.lowerBound, term.chunks.upperBound)
            text.writeStaticString("}")
        }
    }

    /// Values with commas between them.
    fileprivate mutating func write<Value>(_ values: [Value], each body: (inout ByteBuffer, Value) -> Void) {
        var isFirst = true
        for value in values {
            if !isFirst { writeStaticString(",") }
            isFirst = false
            body(&self, value)
        }
    }

    /// Chunks name the first that is not meant, bytes the last that is.
    fileprivate mutating func write(_ start: Int, _ end: Int) {
        writeString("{\"start\":\(start),\"end\":\(end)}")
    }

    /// Of version 1: each range with a URL of its own.
    fileprivate mutating func writeEntries(of fetch: XetReconstruction.Fetch, _ base: String) {
        write(Array(zip(fetch.ranges, fetch.links))) { text, entry in
            let (range, link) = entry
            text.writeStaticString("{\"range\":")
            text.write(range.chunks.lowerBound, range.chunks.upperBound)
            text.writeStaticString(",\"url\":")
            text.writeURL(of: fetch.xorb, link, base)
            text.writeStaticString(",\"url_range\":")
            text.write(range.storedBytes.lowerBound, range.storedBytes.upperBound - 1)
            text.writeStaticString("}")
        }
    }

    /// Of version 2: one URL for all ranges.
    fileprivate mutating func writeEntry(of fetch: XetReconstruction.Fetch, _ base: String) {
        writeStaticString("{\"url\":")
        writeURL(of: fetch.xorb, fetch.link, base)
        writeStaticString(",\"ranges\":[")
        write(fetch.ranges) { text, range in
            text.writeStaticString("{\"chunks\":")
            text.write(range.chunks.lowerBound, range.chunks.upperBound)
            text.writeStaticString(",\"bytes\":")
            text.write(range.storedBytes.lowerBound, range.storedBytes.upperBound - 1)
            text.writeStaticString("}")
        }
        writeStaticString("]}")
    }

    private mutating func writeURL(of xorb: XetHash, _ link: XetLink, _ base: String) {
        var url = JSONValue.string("\(base)/data/\(xorb)?\(link.query)").encoded()
        writeBuffer(&url)
    }
}
