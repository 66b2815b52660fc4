// The XML writer and reader, held against what S3 sends and takes.
#include "protocol/xml/reader.h"
#include "protocol/xml/writer.h"
#include "tests/catch.h"

using namespace bodega;

TEST_CASE("xml::Writer: nests elements and closes what is open at the end") {
  xml::Writer out;
  out.open("A", "urn:x").element("B", "1").empty("C").number("D", 7).boolean("E", false);
  CHECK(out.take() ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<A xmlns=\"urn:x\"><B>1</B><C/><D>7</D><E>false</E></A>");
}

TEST_CASE("xml::Writer: escapes markup, quotes, carriage returns and control characters") {
  std::string out;
  xml::append_escaped(out, "a<b>&\"c\"'\r\n\t\x01\x1f");
  CHECK(out == "a&lt;b&gt;&amp;&quot;c&quot;'&#13;\n\t&#x1;&#x1f;");
}

TEST_CASE("xml::Document: ignores namespaces, prefixes, a byte order mark and white space") {
  const auto document = xml::Document::parse(
      "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n\n <s:Delete xmlns:s=\"urn:x\">\n <s:Object><s:Key>a "
      "&amp;&#13;b</s:Key></s:Object><Object><Key> </Key></Object>\n</s:Delete>\n");
  REQUIRE(document);
  CHECK(document->root().name() == "Delete");
  const auto objects = document->root().children("Object");
  REQUIRE(objects.size() == 2);
  CHECK(objects[0].child("Key").text() == "a &\rb");
  CHECK(objects[1].child("Key").text() == " ");
  CHECK_FALSE(objects[0].child("VersionId"));
  CHECK(objects[0].child("VersionId").child("X").text().empty());
}

TEST_CASE("xml::Document: reads CDATA and attributes") {
  const auto document = xml::Document::parse("<A x:type=\"T\">a<![CDATA[<b>]]>c</A>");
  REQUIRE(document);
  CHECK(document->root().text() == "a<b>c");
  CHECK(document->root().attribute("type") == "T");
  CHECK_FALSE(document->root().attribute("none"));
}

TEST_CASE("xml::Document: refuses what is not one well-formed element") {
  CHECK_FALSE(xml::Document::parse(""));
  CHECK_FALSE(xml::Document::parse("text"));
  CHECK_FALSE(xml::Document::parse("<a>"));
  CHECK_FALSE(xml::Document::parse("<a></b>"));
  CHECK_FALSE(xml::Document::parse("<a/><b/>"));
  CHECK_FALSE(xml::Document::parse(std::string_view("<a>\0</a>", 8)));
}

TEST_CASE("xml::Document: document types and their entities are refused") {
  CHECK_FALSE(xml::Document::parse(
      "<!DOCTYPE a [<!ENTITY x \"boom\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]><a>&x;&f;</a>"));
}

TEST_CASE("xml::Document: a very deep document neither overflows the stack nor takes for ever") {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "<a>";
  for (int i = 0; i < 200'000; ++i) text += "</a>";
  CHECK(xml::Document::parse(text));
}

TEST_CASE("xml::Document: 10,000 parts with all their sums are read, millions of tags are not") {
  const std::string part =
      "<Part><PartNumber>10000</PartNumber>"
      "<ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag>"
      "<ChecksumCRC32>AAAAAA==</ChecksumCRC32><ChecksumCRC32C>AAAAAA==</ChecksumCRC32C>"
      "<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>"
      "<ChecksumSHA1>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</ChecksumSHA1>"
      "<ChecksumSHA256>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</ChecksumSHA256></Part>";
  std::string list = "<CompleteMultipartUpload>";
  for (int i = 0; i < 10'000; ++i) list += part;
  list += "</CompleteMultipartUpload>";
  const auto document = xml::Document::parse(list);
  REQUIRE(document);
  CHECK(document->root().children("Part").size() == 10'000);

  const auto repeated = [](std::string_view unit, std::size_t count) {
    std::string text = "<a>";
    for (std::size_t i = 0; i < count; ++i) text += unit;
    return text + "</a>";
  };
  CHECK(xml::Document::parse(repeated("<b/>", xml::kMaxMarkup - 2)));
  CHECK_FALSE(xml::Document::parse(repeated("<b/>", xml::kMaxMarkup - 1)));
  CHECK_FALSE(xml::Document::parse("<a " + repeated("b='' ", xml::kMaxMarkup) + "/>"));
}
