# embed_assets(TARGET PATH=FILE ...): compiles the files into the target, as they are and gzipped, and with them
# web_assets(), the table of what there is (broker/admin/web_assets.hpp).
find_program(GZIP gzip REQUIRED)

function(embed_assets target)
    set(directory ${CMAKE_CURRENT_BINARY_DIR}/assets)
    file(MAKE_DIRECTORY ${directory})
    set(assembly)
    set(declarations)
    set(rows)
    set(inputs)
    set(index 0)
    foreach(asset ${ARGN})
        string(REGEX MATCH "^([^=]+)=(.+)$" matched "${asset}")
        set(path ${CMAKE_MATCH_1})
        set(file ${CMAKE_MATCH_2})
        set(packed ${directory}/${index}.gz)
        add_custom_command(OUTPUT ${packed} COMMAND ${GZIP} -9nc ${file} > ${packed} DEPENDS ${file} VERBATIM)
        foreach(kind plain packed)
            set(name leveret_asset_${index}_${kind})
            set(octets ${file})
            if("${kind}" STREQUAL "packed")
                set(octets ${packed})
            endif()
            string(APPEND assembly ".hidden ${name}\\n.global ${name}\\n${name}: .incbin \\\"${octets}\\\"\\n"
                ".hidden ${name}_end\\n.global ${name}_end\\n${name}_end: .byte 0\\n")
            string(APPEND declarations "extern const char ${name}[], ${name}_end[];\n")
        endforeach()
        set(name leveret_asset_${index})
        string(APPEND rows "        {\"${path}\", {${name}_plain, ${name}_plain_end},\n"
            "         {${name}_packed, ${name}_packed_end}},\n")
        list(APPEND inputs ${file} ${packed})
        math(EXPR index "${index} + 1")
    endforeach()
    set(source ${directory}/web_assets_table.cpp)
    file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [[// Written by cmake/EmbedAssets.cmake.
#include "broker/admin/web_assets.hpp"

asm(".pushsection .rodata\n@assembly@.popsection\n");

extern "C" {
@declarations@}

namespace broker {

std::span<const WebAsset> web_assets() {
    static const WebAsset table[] = {
@rows@    };
    return table;
}

} // namespace broker
]])
    set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${inputs}" SKIP_PRECOMPILE_HEADERS ON)
    target_sources(${target} PRIVATE ${source})
endfunction()
