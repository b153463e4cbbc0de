import CHDF5
import HDF5

extension HDF5Handle {
    /// Takes over what a call returned, or throws what it complained of.
    init(_ id: hid_t, _ subject: String, close: @escaping (hid_t) -> herr_t) throws(SessionError) {
        // HDF5 says why only until the next call.
        guard id >= 0 else { throw SessionError(.damaged, subject, HDF5Library.complaint()) }
        self.init(opened: id, close: close)
    }
}
