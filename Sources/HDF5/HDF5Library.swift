import CHDF5
import CHDF5Shim
import Synchronization

/// The HDF5 library, which one thread at a time may use.
public enum HDF5Library {
    private static let turn = Mutex<Bool>(false)

    /// Runs calls of the library while no other thread does; not to be nested.
    public static func exclusively<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let outcome = turn.withLock { isStarted -> Result<UncheckedTransfer<Value>, Failure> in
            do throws(Failure) {
                // Where the library does not start, its calls fail.
                if !isStarted { isStarted = percept_h5_start() >= 0 }
                percept_h5_silence()
                return .success(UncheckedTransfer(value: try body()))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get().value
    }

    /// What the last failed call complained of, until the next call.
    public static func complaint() -> String {
        var text = [CChar](repeating: 0, count: 1024)
        percept_h5_complaint(&text, text.count)
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? "HDF5 failed" : String(decoding: bytes, as: UTF8.self)
    }

    // The lock is held while the value is made, and its owner alone uses it afterwards.
    private struct UncheckedTransfer<Value>: @unchecked Sendable {
        let value: Value
    }
}

/// An open object of HDF5 that is closed when it goes away; used only inside of ``HDF5Library/exclusively(_:)``.
public struct HDF5Handle: ~Copyable {
    /// What the library knows it by.
    public let id: hid_t
    private let close: (hid_t) -> herr_t

    /// Takes over what a successful call returned.
    public init(opened id: hid_t, close: @escaping (hid_t) -> herr_t) {
        precondition(id >= 0, "A failed call opens nothing.")
        (self.id, self.close) = (id, close)
    }

    deinit { _ = close(id) }
}

extension HDF5Handle {
    /// Takes over what a call returned, or throws what it complained of.
    init(_ id: hid_t, _ subject: String, close: @escaping (hid_t) -> herr_t) throws(HDF5Error) {
        // HDF5 says why only until the next call.
        guard id >= 0 else { throw HDF5Error(.damaged, subject, HDF5Library.complaint()) }
        self.init(opened: id, close: close)
    }
}
