# Makes the page of the control service a string of C++. When the page changes, the build configures itself
# again, and server/control/page.cc is compiled.
set(page_html ${PROJECT_SOURCE_DIR}/server/control/page.html)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page_html})
file(READ ${page_html} page_text)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/page_html.h @ONLY CONTENT
[==[constexpr std::string_view kPageHtml = R"page_html(@page_text@)page_html";
]==])
set_source_files_properties(server/control/page.cc PROPERTIES
    INCLUDE_DIRECTORIES ${PROJECT_BINARY_DIR}/generated)
