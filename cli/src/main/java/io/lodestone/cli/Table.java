package io.lodestone.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows under headings, columns as wide as their widest cell, numbers to the right. */
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  Table(List<String> headings) {
    rows.add(headings);
  }

  void add(List<String> cells) {
    rows.add(cells);
  }

  @Override
  public String toString() {
    int columns = rows.get(0).size();
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        line.append(column == 0 ? "" : "  ").append(cell(row, column));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private String cell(List<String> row, int column) {
    int width = rows.stream().mapToInt(cells -> cells.get(column).length()).max().orElse(0);
    boolean number =
        rows.size() > 1
            && rows.stream()
                .skip(1)
                .allMatch(cells -> cells.get(column).matches("[-0-9.,]*( [kMGT]i?B)?"));
    String padding = " ".repeat(width - row.get(column).length());
    return number ? padding + row.get(column) : row.get(column) + padding;
  }
}
