object Build {
  val base = "https://api.ionos.com/databases/postgresql"
  val visionos = "visionos/databases/postgresql"
}
