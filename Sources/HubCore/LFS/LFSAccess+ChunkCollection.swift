import Metadata

extension LFSAccess {
    /// Forgets chunked files whose content no repository has, then xorbs that no file is made of.
    ///
    /// Their objects are then collected like others.
    /// A client builds for weeks on what it has sent or was told of, so xorbs stay longer than anything else.
    func collectChunks(
        _ plan: LFSCollectionPlan,
        at now: Timestamp,
        _ observer: LFSCollectionObserver,
        _ report: inout LFSCollectionReport
    ) async throws {
        let filesEnd = now.adding(seconds: -plan.graceSeconds)
        try await forEachPage { after in
            try await database.read { try $0.deadXetFiles(before: filesEnd, after: after, limit: Self.chunkPage) }
        } body: { hash in
            if plan.isDryRun { return report.chunkedFiles += 1 }
            let isGone = try await database.transaction { try $0.deleteDeadXetFile(hash, before: filesEnd) }
            if isGone { report.chunkedFiles += 1 }
        }
        let xorbsEnd = now.adding(seconds: -plan.chunkGraceSeconds)
        try await forEachPage { after in
            try await database.read { try $0.unusedXorbs(before: xorbsEnd, after: after, limit: Self.chunkPage) }
        } body: { hash in
            if plan.isDryRun { return report.xorbs += 1 }
            let isGone = try await database.transaction { try $0.deleteUnusedXorb(hash, before: xorbsEnd) }
            if isGone { report.xorbs += 1 }
        }
    }

    private static let chunkPage = 500

    private func forEachPage(
        _ page: (String) async throws -> [String],
        body: (String) async throws -> Void
    ) async throws {
        var last = ""
        while true {
            let hashes = try await page(last)
            for hash in hashes {
                try Task.checkCancellation()
                try await body(hash)
            }
            guard let end = hashes.last else { return }
            last = end
        }
    }
}
