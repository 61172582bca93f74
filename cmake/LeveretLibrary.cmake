# leveret_library(NAME SOURCES ... DEPENDS ... [PRIVATE ...] [PCH ...])
# A static library with the project's options; DEPENDS are public, PRIVATE are not.
function(leveret_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE;PCH" ${ARGN})
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC project_options ${arg_DEPENDS} PRIVATE ${arg_PRIVATE})
    if(arg_PCH)
        target_precompile_headers(${name} PRIVATE ${arg_PCH})
    endif()
endfunction()

# leveret_test(NAME SOURCES ... DEPENDS ...): one Catch2 executable, one ctest entry named NAME.
function(leveret_test name)
    cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    if(LEVERET_SANITIZE) # which takes five to ten times as long
        math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 10")
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE project_options catch_main ${arg_DEPENDS})
    target_precompile_headers(${name} REUSE_FROM catch_main)
    target_compile_options(${name} PRIVATE -fPIC)  # as the precompiled header; CMake gives executables -fPIE
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
