import Foundation
import GranaryTesting
import Testing

/// The description of the API is made from the routes; here it is read as a client would.
@Suite("The API's description", .serialized, .sharedServer)
struct Description {
    private func document() async throws -> [String: Any] {
        let answer = try await SharedServer.running.server.curl("GET", "/api/openapi.json")
        #expect(answer.status == 200)
        return answer.json
    }

    @Test func namesEveryOperationOnce() async throws {
        let paths = try #require(try await document()["paths"] as? [String: [String: [String: Any]]])
        let operations = paths.values.flatMap(\.values)
        let ids = operations.compactMap { $0["operationId"] as? String }
        #expect(ids.count == operations.count && Set(ids).count == ids.count)
        #expect(ids.contains("whoAmI") && ids.contains("resolveFile") && ids.contains("getOpenAPI"))
        for (path, methods) in paths {
            let names = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
            for operation in methods.values {
                let parameters = try #require(operation["parameters"] as? [[String: Any]])
                let declared = parameters.filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
                #expect(Set(declared) == Set(names.map(String.init)), "\(path)")
                #expect(
                    (operation["responses"] as? [String: Any])?.keys.contains { $0.hasPrefix("2") || $0 == "501" }
                        == true,
                    "\(path)"
                )
            }
        }
    }
}
