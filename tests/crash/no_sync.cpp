// For control runs, loaded into a broker by LD_PRELOAD: syncs do nothing and say that all is well. A test that passes
// with it could not find a lost message.
extern "C" {
int fsync(int) {
    return 0;
}
int fdatasync(int) {
    return 0;
}
int sync_file_range(int, long, long, unsigned) {
    return 0;
}
}
