# frozen_string_literal: true

# A .gitlab-ci.yml as GitLab reads it (lib/gitlab/config/loader/yaml.rb): lines of JSON in, lines of JSON out.
require "json"
require "yaml"

$stdin.each_line do |line|
  text = JSON.parse(line)["text"]
  answer =
    begin
      { value: YAML.safe_load(text, permitted_classes: [Symbol], permitted_symbols: [], aliases: true) }
    rescue StandardError => e
      { value: nil, error: "#{e.class}: #{e.message}" }
    end
  begin
    puts JSON.generate(answer, allow_nan: true)
  rescue StandardError => e
    puts JSON.generate({ value: nil, error: "#{e.class}: #{e.message}" })
  end
end
