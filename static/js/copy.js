// A button beside each of our bank details that copies it. Without script the text can be marked and copied by hand.
for (const detail of document.querySelectorAll(".copy")) {
  const button = document.createElement("button");
  const text = detail.textContent.replace(/\s+/g, "");
  button.type = "button";
  button.className = "btn btn-small btn-quiet";
  button.textContent = detail.dataset.copy || "Copy";
  button.setAttribute("aria-label", `${button.textContent}: ${detail.previousElementSibling?.textContent || ""}`);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    const before = button.textContent;
    button.textContent = detail.dataset.copied || "Copied";
    setTimeout(() => { button.textContent = before; }, 2000);
  });
  if (navigator.clipboard) detail.append(" ", button);
}
