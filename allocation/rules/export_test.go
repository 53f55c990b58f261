package rules

// Look has the file looked at now, as its watcher does.
func (f *File) Look() { f.look() }
