import Foundation

extension GranaryServer {
    /// The directory of the object store.
    package var objectDirectory: String { dataDirectory + "/objects" }

    /// The files of uploads that are going on, or that were left behind.
    package var temporaries: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: objectDirectory + "/tmp")) ?? []
    }
}
