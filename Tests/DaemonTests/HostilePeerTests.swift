import Foundation
import Neuroimaging
import Streaming
import TestSupport
import Testing
import WireFormat

extension DaemonTests {
    /// Something that no good publisher sends.
    private struct Attack {
        let name: String
        /// Messages as they are.
        var raw: [[[UInt8]]] = []
        /// A volume, properly sent.
        var volume: StoredVolume?
        /// Whether the volume is refused; else it is processed with a mark.
        var isRefused = true
    }

    private func header(_ fields: [String: String]) -> [UInt8] {
        var all = [
            "protocol": "1", "session": "\"s1\"", "run": "\"r1\"", "publisher": "\"p\"", "sequence": "1",
            "sentAt": "0", "index": "0", "shape": "[2,1,1]", "dtype": "\"uint8\"",
            "affine": "[[2,0,0,0],[0,2,0,0],[0,0,2,0],[0,0,0,1]]", "checksum": "\"00000000\"",
        ]
        all.merge(fields) { $1 }
        return Array("{\(all.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}".utf8)
    }

    private func attacks(_ grid: VoxelGrid) throws -> [Attack] {
        let volume = Array("volume".utf8)
        let nan = [Float](repeating: .nan, count: grid.count).flatMap { withUnsafeBytes(of: $0) { Array($0) } }
        let huge = [Float](repeating: .greatestFiniteMagnitude, count: grid.count)
            .flatMap { withUnsafeBytes(of: $0) { Array($0) } }
        let small = VoxelGrid(shape: [4, 4, 4], affine: grid.affine)
        let coarse = VoxelGrid(shape: grid.shape, affine: .scaling([9, 9, 9]))
        return [
            Attack(name: "noise", raw: [[(0..<200).map { _ in UInt8.random(in: 0...255) }]]),
            Attack(name: "no header", raw: [[volume]]),
            Attack(name: "half a header", raw: [[volume, Array(header([:]).prefix(40)), [1, 2]]]),
            Attack(name: "half a payload", raw: [[volume, header([:]), [1]]]),
            Attack(name: "10^9 voxels", raw: [[volume, header(["shape": "[1000,1000,1000]"]), [1, 2]]]),
            Attack(
                name: "more voxels than numbers",
                raw: [[volume, header(["shape": "[4611686018427387904,4,1]"]), []]]
            ),
            Attack(name: "a deep header", raw: [[volume, [UInt8](repeating: 0x5b, count: 60_000), []]]),
            Attack(name: "many parts", raw: [[[UInt8]](repeating: [1], count: 100)]),
            Attack(
                name: "another shape",
                volume: try StoredVolume(grid: small, dataType: .uint8, bytes: Array(repeating: 1, count: 64))
            ),
            Attack(
                name: "another voxel size",
                volume: try StoredVolume(grid: coarse, dataType: .uint8, bytes: Array(repeating: 1, count: grid.count))
            ),
            Attack(name: "NaN", volume: try StoredVolume(grid: grid, dataType: .float32, bytes: nan), isRefused: false),
            Attack(
                name: "huge numbers",
                volume: try StoredVolume(grid: grid, dataType: .float32, bytes: huge),
                isRefused: false
            ),
        ]
    }

    @Test("answers whatever a publisher sends with a fault or a mark, and processes the next good volume")
    func hostilePublisher() async throws {
        let bench = try await DaemonBench()
        try await bench.startHeard()
        let scanner = bench.scanner
        try scanner.begin()
        try scanner.send(0)
        try #require(await eventually { bench.history.motions.count == 1 }, "\(bench.log)")
        var (index, processed) = (1, 1)
        for attack in try attacks(scanner.scan.grid) {
            let faults = bench.history.status?.faults ?? 0
            for parts in attack.raw { scanner.publisher.sendRaw(parts) }
            if let volume = attack.volume {
                let body = try VolumeBody(volume, index: index)
                try scanner.publisher.publish(body, topic: .volume, session: "s1", run: "r1", payload: [volume.bytes])
                index += 1
                if !attack.isRefused { processed += 1 }
            }
            if attack.isRefused {
                try #require(
                    await eventually { bench.history.status?.faults ?? 0 > faults },
                    "\(attack.name): \(bench.log)"
                )
            }
            try scanner.send(index)
            (index, processed) = (index + 1, processed + 1)
            try #require(await eventually { bench.history.motions.count == processed }, "\(attack.name): \(bench.log)")
            if !attack.isRefused {
                let marked = bench.history.motions[processed - 2].body
                #expect(marked.verdict != "converged", "\(attack.name): \(marked)")
            }
        }
        try scanner.end()
        try #require(await eventually { bench.history.status?.state == "waiting" }, "\(bench.log)")
        #expect(await bench.stop() == 0)
        let log = try bench.store.readLog()
        #expect(try log.integrityProblems() == [])
        #expect(try !log.faults(ofSession: nil).isEmpty)
        await bench.close()
    }

    @Test("is not impressed by what connects to its port and speaks something else")
    func hostileSubscribers() async throws {
        let bench = try await DaemonBench()
        try await bench.startHeard()
        let port = Int(bench.output.split(separator: ":").last ?? "") ?? 0
        let greeting: [UInt8] = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1] + Array("NULL".utf8)
        let words: [[UInt8]] = [
            Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), (0..<100_000).map { _ in UInt8.random(in: 0...255) },
            greeting + [UInt8](repeating: 0, count: 48) + [2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            Array(greeting.prefix(11)), [],
        ]
        let connections = (0..<20).flatMap { _ in words.map { RawConnection(port: port, sending: $0) } }
        for _ in 0..<3 {
            bench.history.forgetStatus()
            try #require(await eventually { bench.history.status != nil }, "\(bench.log)")
        }
        for connection in connections { connection.close() }
        try bench.scanner.begin()
        try bench.scanner.send(0..<3)
        try #require(await eventually { bench.history.motions.count == 3 }, "\(bench.log)")
        #expect(await bench.stop() == 0)
        await bench.close()
    }
}

/// A connection that says what it likes and reads nothing.
private struct RawConnection {
    private let descriptor: Int32

    init(port: Int, sending bytes: [UInt8]) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        withUnsafePointer(to: &address) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }

    func close() { Glibc.close(descriptor) }
}
