#include "server/seed/media_type.h"

#include <utility>

namespace bodega::server {
namespace {

constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {".css", "text/css"},          {".csv", "text/csv"},          {".gif", "image/gif"},
    {".gz", "application/gzip"},   {".htm", "text/html"},         {".html", "text/html"},
    {".ico", "image/x-icon"},      {".jpeg", "image/jpeg"},       {".jpg", "image/jpeg"},
    {".js", "text/javascript"},    {".json", "application/json"}, {".md", "text/markdown"},
    {".mjs", "text/javascript"},   {".mp4", "video/mp4"},         {".pdf", "application/pdf"},
    {".png", "image/png"},         {".svg", "image/svg+xml"},     {".txt", "text/plain"},
    {".wasm", "application/wasm"}, {".webp", "image/webp"},       {".woff2", "font/woff2"},
    {".xml", "application/xml"},   {".yaml", "application/yaml"}, {".yml", "application/yaml"},
    {".zip", "application/zip"},
};

}  // namespace

std::string media_type_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  for (const auto& [ending, type] : kTypes) {
    if (name.substr(dot) == ending) return std::string(type);
  }
  return {};
}

}  // namespace bodega::server
