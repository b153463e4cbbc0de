import Foundation
import SharedMaterial

/// Makes file operations of a process fail, and its wall clock step: the side of a test of `CFailpoint`.
final class Failpoints {
    /// Kinds of calls, as in `CFailpoint.h`.
    enum Kind: Int, CaseIterable {
        case write, sync, rename, open, truncate
    }

    /// The places in the shared file, in numbers of 8 bytes.
    private enum Place: Int {
        case kind, first, count, error, clockShift, failures, calls
    }

    private static let numbers = Place.calls.rawValue + Kind.allCases.count
    private let file: String
    private let under: String
    private let shared: UnsafeMutablePointer<Int64>

    /// Prepares a file that is shared with the process.
    ///
    /// - Parameters:
    ///   - file: Where the file is made.
    ///   - folder: The folder whose files are meant.
    init(file: String, under folder: String) throws {
        (self.file, under) = (file, folder)
        let size = Self.numbers * 8
        try Data(count: size).write(to: URL(fileURLWithPath: file))
        let descriptor = open(file, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard descriptor >= 0, let mapped, mapped != MAP_FAILED else { throw CocoaError(.fileReadUnknown) }
        shared = mapped.bindMemory(to: Int64.self, capacity: Self.numbers)
        reset()
    }

    deinit { munmap(shared, Self.numbers * 8) }

    /// What the process is started with; nil if the library was not built.
    var environment: [String: String]? {
        guard let library = BuiltExecutable.named("libCFailpoint.so") else { return nil }
        return ["LD_PRELOAD": library.path, "PERCEPT_FAILPOINTS": file, "PERCEPT_FAILPOINTS_UNDER": under]
    }

    /// Lets everything succeed again, and counts anew.
    func reset() {
        for place in 0..<Self.numbers { shared[place] = 0 }
        self[.kind] = -1
    }

    /// Lets calls fail, from the one of a number on.
    func fail(_ kind: Kind, from first: Int, count: Int = 1, with error: Int32) {
        self[.kind] = -1
        (self[.first], self[.count], self[.error]) = (Int64(first), Int64(count), Int64(error))
        self[.kind] = Int64(kind.rawValue)
    }

    /// How many calls failed on purpose.
    var failures: Int { Int(self[.failures]) }

    /// How many calls of a kind there were.
    func calls(_ kind: Kind) -> Int { Int(shared[Place.calls.rawValue + kind.rawValue]) }

    /// Moves the wall clock by so much from what it is, in s.
    func shiftClock(by seconds: Double) { self[.clockShift] = Int64(seconds * 1e9) }

    private subscript(place: Place) -> Int64 {
        get { shared[place.rawValue] }
        set { shared[place.rawValue] = newValue }
    }
}
