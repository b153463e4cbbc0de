// The module is built up in the files beside this one.
