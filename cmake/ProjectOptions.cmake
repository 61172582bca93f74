# What every target of ours is compiled with. Linked as `project_options`.
option(LEVERET_TESTS "Build the tests" ON)
option(LEVERET_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(LEVERET_WERROR "Treat warnings as errors" ON)
option(LEVERET_HARDENING "What makes the exploitation of a mistake harder; not together with sanitizers" OFF)
set(LEVERET_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# Our libraries end in executables only. As -fPIC every function of theirs could be replaced by another at run time, so
# none would be inlined into its neighbours, and what is thread_local would be found by a call.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_COMPILE_OPTIONS_PIC -fPIE)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE)
    # base_dir and no hashed directory: every clone of the repository shares one cache. The sloppiness is what
    # ccache's manual asks for with precompiled headers.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()

add_library(project_options INTERFACE)
target_include_directories(project_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(project_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -fno-omit-frame-pointer $<$<BOOL:${LEVERET_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 reports these inside Boost and libstdc++ headers at -O2; both are known false positives.
    target_compile_options(project_options INTERFACE -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow
        -Wno-stringop-overread -Wno-restrict -Wno-free-nonheap-object -Wno-dangling-pointer)
    target_compile_options(project_options INTERFACE -fpch-preprocess)
endif()
# tests/packaging/hardening_test.py looks at the result. PIE comes from CMAKE_POSITION_INDEPENDENT_CODE and -pie.
if(LEVERET_HARDENING AND NOT LEVERET_SANITIZE AND NOT LEVERET_FUZZ AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    target_compile_options(project_options INTERFACE -fstack-protector-strong -fstack-clash-protection -Wformat=2
        $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection>
        $<$<CXX_COMPILER_ID:GNU>:-ftrivial-auto-var-init=zero>)
    target_compile_definitions(project_options INTERFACE _FORTIFY_SOURCE=3 _GLIBCXX_ASSERTIONS)
    add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(LEVERET_SANITIZE)
    add_compile_options(-fsanitize=${LEVERET_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${LEVERET_SANITIZE})
    if(LEVERET_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-Wno-tsan)  # Asio's fences
    endif()
endif()
