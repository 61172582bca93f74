// Makes Catch2's precompiled header; see CMakeLists.txt.
