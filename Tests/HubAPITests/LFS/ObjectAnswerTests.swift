import HTTPTypes
import HubAPI
import NIOCore
import ObjectStore
import Testing

@Suite struct ObjectAnswerTests {
    private static let hex = String(repeating: "0a", count: 32)
    private static let tag = "\"\(hex)\""

    private func answer(
        _ fields: HTTPFields = [:],
        size: Int64 = 1_000,
        method: HTTPRequest.Method = .get
    ) throws -> ObjectAnswer {
        let exchange = Exchange(
            id: "1",
            method: method,
            target: "/",
            headers: fields,
            body: RequestBody(bytes: ByteBuffer()),
            peerAddress: "192.0.2.1",
            isSecure: false
        )
        return ObjectAnswer(oid: try #require(ObjectKey(hex: Self.hex)), size: size, exchange: exchange)
    }

    @Test func sendsTheWholeObject() throws {
        let answer = try answer()
        #expect(answer.status == .ok && answer.range == 0..<1_000)
        #expect(answer.headers[.contentLength] == "1000")
        #expect(answer.headers[.contentRange] == nil)
        #expect(answer.headers[.eTag] == Self.tag)
        #expect(answer.headers[.acceptRanges] == "bytes")
        #expect(answer.headers[.cacheControl] == "private, immutable")
        #expect(answer.headers[.contentEncoding] == nil)
    }

    @Test func sendsAnEmptyObject() throws {
        let answer = try answer(size: 0)
        #expect(answer.status == .ok && answer.range == 0..<0)
        #expect(answer.headers[.contentLength] == "0")
    }

    @Test(
        arguments: [
            ("bytes=10-19", 10..<20, "bytes 10-19/1000"), ("bytes=990-", 990..<1_000, "bytes 990-999/1000"),
            ("bytes=-1", 999..<1_000, "bytes 999-999/1000"),
            ("bytes=0-99999999999999999999", 0..<1_000, "bytes 0-999/1000"),
        ] as [(String, Range<Int64>, String)]
    )
    func sendsARange(field: String, range: Range<Int64>, contentRange: String) throws {
        let answer = try answer([.range: field])
        #expect(answer.status == .partialContent && answer.range == range)
        #expect(answer.headers[.contentRange] == contentRange)
        #expect(answer.headers[.contentLength] == String(range.count))
    }

    @Test(arguments: ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
    func refusesRangesBehindTheEnd(field: String) throws {
        let answer = try answer([.range: field])
        #expect(answer.status == .rangeNotSatisfiable && answer.range == nil)
        #expect(answer.headers[.contentRange] == "bytes */1000")
        #expect(answer.headers[.contentLength] == nil)
    }

    @Test(arguments: ["bytes=0-1,5-6", "lines=1-2", "bytes=5-4", "bytes=a-b", "bytes", ""])
    func ignoresOtherRanges(field: String) throws {
        #expect(try answer([.range: field]).status == .ok)
    }

    @Test func ignoresRangesOfHEAD() throws {
        let answer = try answer([.range: "bytes=1-2"], method: .head)
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentLength] == "1000")
    }

    @Test(arguments: [(tag, 206), ("W/\(tag)", 200), ("\"other\"", 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 200)])
    func sendsARangeOnlyOfTheSameObject(condition: String, status: Int) throws {
        #expect(try answer([.range: "bytes=1-2", .ifRange: condition]).status.code == status)
    }

    @Test(arguments: [(tag, 304), ("W/\(tag)", 304), ("*", 304), ("\"a\", \(tag)", 304), ("\"a\"", 200)])
    func sendsNothingThatTheClientHas(condition: String, status: Int) throws {
        let answer = try answer([.ifNoneMatch: condition])
        #expect(answer.status.code == status)
        #expect((answer.range == nil) == (status == 304))
        #expect(answer.headers[.eTag] == Self.tag)
    }

    @Test(arguments: [(tag, 200), ("*", 200), ("W/\(tag)", 412), ("\"a\"", 412)])
    func keepsConditionsOnTheObject(condition: String, status: Int) throws {
        #expect(try answer([.ifMatch: condition]).status.code == status)
    }
}
