package import Access
import GitCore
package import JSON
import LFS
import Metadata
import ObjectStore

/// What the files of a model's weights say of themselves.
package struct WeightHeaders: Sendable {
    /// The index without the names of tensors, which the headers have.
    package let index: JSONValue
    /// The header of each file that the index names, in the order of their names.
    package let headers: [(name: String, header: JSONValue)]
}

extension Catalogue {
    private static let headerBytes = 16 << 20
    private static let indexBytes = 8 << 20
    /// Values in all headers together, each of which is some tens of bytes.
    private static let headerValues = 600_000

    /// Reads an index of weights on the default branch, and the headers of the files that it names.
    ///
    /// - Parameter path: where the index is; the files are beside it.
    /// - Throws: `HubError.notFound` about the entry when a file is not there or is not one of weights; `.tooLarge` for
    ///   headers of more than 16 MiB together.
    package func weightHeaders(
        of address: RepositoryAddress,
        index path: String,
        by actor: Actor
    ) async throws -> WeightHeaders {
        let scene = try await files.scene(address, .readContent, by: actor)
        let (bytes, names, weights) = try await files.browse(scene, nil) { _, browser in
            let components = FileBrowser.components(path)
            guard let name = components.last,
                let folder = try browser.directory(at: Array(components.dropLast())),
                let text = String(validating: name, as: UTF8.self),
                let bytes = try browser.content(of: text, in: folder, limit: Self.indexBytes)
            else { throw Files.missingEntry }
            let names = WeightFile.shards(bytes)
            guard !names.isEmpty, names.count <= WeightFile.most else { throw Files.missingEntry }
            do {
                return (bytes, names, try WeightFile.all(names, in: folder, browser, headerBytes: Self.headerBytes))
            } catch is WeightFile.TooLarge {
                throw Self.tooLarge
            }
        }
        guard weights.count == names.count else { throw Files.missingEntry }
        let reader = WeightReader(files: files, repositoryID: scene.record.id)
        var (headers, left) = ([(name: String, header: JSONValue)](), Self.headerBytes)
        var valuesLeft = Self.headerValues
        for (name, file) in zip(names, weights) {
            guard let header = try await reader.header(of: file) else { throw Files.missingEntry }
            left -= header.count
            guard left >= 0 else { throw Self.tooLarge }
            headers.append((name, try Self.document(header, &valuesLeft)))
        }
        var indexValues = Self.headerValues
        let index = try Self.document(bytes, &indexValues).members?.filter { $0.name != "weight_map" } ?? []
        return WeightHeaders(index: .object(index), headers: headers)
    }

    private static let tooLarge = HubError(
        .tooLarge,
        "The headers are larger than \(headerBytes) bytes, or the files in git too large. Read them by ranges."
    )

    /// Reads an object of at most so many values, which are fewer afterwards.
    private static func document(_ bytes: [UInt8], _ valuesLeft: inout Int) throws -> JSONValue {
        var limits = JSONLimits(bytes: bytes.count)
        limits.values = valuesLeft
        do throws(JSONError) {
            let document = try JSONValue(parsing: bytes, limits: limits)
            guard document.isObject else { throw JSONError.malformed(at: 0) }
            valuesLeft -= count(document)
            return document
        } catch {
            throw error == .tooLarge ? tooLarge : Files.missingEntry
        }
    }

    private static func count(_ value: JSONValue) -> Int {
        let inner = value.elements ?? value.members?.map(\.value) ?? []
        return inner.reduce(1) { $0 + count($1) }
    }
}
