import Foundation

#if os(visionOS)
let platform = "visionos"
#endif
let base = URL(string: "https://api.ionos.com/databases/postgresql")!
let docs = URL(string: "https://docs.example.com/databases/postgresql")!
