import CHDF5
import CHDF5Shim
import Synchronization

/// The HDF5 library, which one thread at a time may use.
enum HDF5 {
    private static let turn = Mutex<Bool>(false)

    /// Runs calls of the library while no other thread does.
    static func exclusively<Value>(_ body: () throws(SessionError) -> Value) throws(SessionError) -> Value {
        let outcome = turn.withLock { isStarted -> Result<UncheckedTransfer<Value>, SessionError> in
            do throws(SessionError) {
                if !isStarted {
                    guard percept_h5_start() >= 0 else {
                        throw SessionError(.unwritable, "HDF5", "the library does not start")
                    }
                    isStarted = true
                }
                return .success(UncheckedTransfer(value: try body()))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get().value
    }

    /// What the last failed call complained of.
    static func complaint() -> String {
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

/// An open object of HDF5 that is closed when it goes away; used only inside of ``HDF5/exclusively(_:)``.
struct HDF5Handle: ~Copyable {
    let id: hid_t
    private let close: (hid_t) -> herr_t

    /// Takes over what a call returned.
    init(_ id: hid_t, _ subject: String, close: @escaping (hid_t) -> herr_t) throws(SessionError) {
        // HDF5 says why only until the next call.
        guard id >= 0 else { throw SessionError(.damaged, subject, HDF5.complaint()) }
        (self.id, self.close) = (id, close)
    }

    deinit { _ = close(id) }
}
