// XML request bodies: whatever is well-formed can be walked.
#include <array>
#include <vector>

#include "protocol/xml/reader.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

void run(std::string_view bytes) {
  const auto document = xml::Document::parse(bytes);
  if (!document) return;
  std::vector<xml::Element> waiting{document->root()};
  while (!waiting.empty()) {
    const xml::Element element = waiting.back();
    waiting.pop_back();
    static_cast<void>(element.text());
    static_cast<void>(element.attribute("type"));
    static_cast<void>(element.child(element.name()));
    for (const xml::Element& child : element.children()) waiting.push_back(child);
  }
}

constexpr std::array<std::string_view, 5> kSeeds{
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Delete xmlns=\"http://s3.amazonaws.com/doc/"
    "2006-03-01/\"><Quiet>true</Quiet><Object><Key>a&amp;b&#x41;</Key></Object></Delete>",
    "<a xsi:type=\"CanonicalUser\" xmlns:xsi='x'><b/><![CDATA[<]]><!-- c --></a>",
    "<!DOCTYPE a [<!ENTITY x \"yyy\">]><a>&x;&x;</a>",
    "<a><a><a><a><a></a></a></a></a></a>",
    "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>\n",
};

}  // namespace

const Target kXml{"xml", run, kSeeds};

}  // namespace bodega::fuzz
