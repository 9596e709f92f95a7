// What requests hold and answers carry: the columns of the table of routes from which documents
// are made.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gonogo {

enum class FieldType : std::uint8_t {
  text,
  flag,
  integer,
  number,
  duration,  // a text such as "30m"
  time,      // RFC 3339
  object,    // of the schema that is named, or of free keys when none is
  list,      // of objects of the schema that is named, or of texts when none is
};

struct Schema;

struct Field {
  std::string_view name;
  FieldType type = FieldType::text;
  std::string_view what;
  bool is_required = true;  // of an answer's field: always there; else it may lack or be null
  const Schema* of = nullptr;
};

struct Schema {
  std::string_view name;
  std::string_view content_type;
  std::string_view what;
  std::span<const Field> fields;  // of JSON; empty for other formats
};

}  // namespace gonogo
