import Metadata

extension LFSAccess {
    /// Forgets chunked files whose content no repository has, then xorbs that no file is made of; then writes those anew of
    /// which little is in use.
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
            let isGone = try await database.transaction { try $0.deleteDeadXetFile(hash, before: filesEnd, at: now) }
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
        try await rewriteXorbs(XorbRewriting(database, xorbs, self, before: xorbsEnd), plan, at: now, &report)
    }

    private func rewriteXorbs(
        _ rewriting: consuming XorbRewriting,
        _ plan: LFSCollectionPlan,
        at now: Timestamp,
        _ report: inout LFSCollectionReport
    ) async throws {
        var last = ""
        while true {
            let (after, before) = (last, rewriting.before)
            let page = try await database.read { try $0.thinnedXorbs(before: before, after: after, limit: 20) }
            guard let end = page.last else { return }
            for record in page {
                try Task.checkCancellation()
                guard let candidate = try await rewriting.candidate(record, isDryRun: plan.isDryRun) else { continue }
                let size = plan.isDryRun ? candidate.liveBytes : try await rewriting.rewrite(candidate, at: now)
                guard let size else { continue }
                report.rewritten.objects += 1
                report.rewritten.bytes += record.storedBytes - size
            }
            last = end.hash
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
